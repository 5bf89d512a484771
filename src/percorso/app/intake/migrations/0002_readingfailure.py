from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReadingFailure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(auto_now=True)),
                ("stage", models.CharField(max_length=8)),
                ("reason", models.CharField(max_length=12)),
                ("said", models.TextField(blank=True)),
            ],
        ),
    ]
