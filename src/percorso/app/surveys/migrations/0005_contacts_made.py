import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("surveys", "0004_counting_who_was_released"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactMade",
            fields=[
                (
                    "response",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                ("reference", models.CharField(db_index=True, max_length=200)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("by_name", models.CharField(max_length=254)),
                ("note", models.TextField(blank=True, max_length=2000)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
