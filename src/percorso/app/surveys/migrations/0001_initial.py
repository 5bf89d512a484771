import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from percorso.app.surveys.without_rowid import CreateModelWithoutRowid


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModelWithoutRowid(
            name="HeldResponse",
            fields=[
                ("key", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("survey", models.CharField(max_length=40)),
                ("day", models.DateField()),
                ("rows", models.TextField()),
                ("batch", models.CharField(blank=True, max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("survey", models.CharField(db_index=True, max_length=40)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("reference", models.CharField(blank=True, db_index=True, max_length=200)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("campaign", models.CharField(blank=True, db_index=True, max_length=80)),
                ("touchpoint", models.CharField(max_length=200)),
                ("channel", models.CharField(max_length=20)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("used", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["made_at", "id"],
            },
        ),
        CreateModelWithoutRowid(
            name="SpentSheet",
            fields=[
                ("key", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("day", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="Door",
            fields=[
                ("code", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("survey", models.CharField(db_index=True, max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("link", "Link"),
                            ("qr", "QR code"),
                            ("kiosk", "Kiosk"),
                            ("widget", "Website"),
                            ("api", "Program"),
                        ],
                        max_length=10,
                    ),
                ),
                ("touchpoint", models.CharField(max_length=200)),
                ("channel", models.CharField(max_length=20)),
                ("place", models.CharField(blank=True, max_length=80)),
                ("websites", models.JSONField(blank=True, default=list)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "code"],
            },
        ),
        migrations.CreateModel(
            name="Shown",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("survey", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("question", models.CharField(max_length=40)),
                ("day", models.DateField()),
                ("shown", models.PositiveIntegerField(default=0)),
                ("answered", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("survey", "version", "question", "day"), name="shown_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Unfinished",
            fields=[
                ("response", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("survey", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("language", models.CharField(max_length=10)),
                ("answers", models.JSONField(default=dict)),
                ("at", models.DateTimeField(auto_now=True, db_index=True)),
                ("rows", models.PositiveIntegerField(default=0)),
                (
                    "door",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to="surveys.door"
                    ),
                ),
                (
                    "invitation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="surveys.invitation",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "unfinished",
            },
        ),
    ]
