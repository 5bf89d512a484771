from typing import Any

from django.db import migrations, models


def _count_all_until_now(apps: Any, _schema_editor: Any) -> None:
    """Let those who answered before stay counted: they were shown already."""
    apps.get_model("surveys", "Invitation").objects.filter(used=True).update(counted=True)


class Migration(migrations.Migration):
    dependencies = [("surveys", "0002_sending")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="counted",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="shown",
            name="held",
            field=models.BooleanField(default=False),
        ),
        migrations.RemoveConstraint(model_name="shown", name="shown_once"),
        migrations.AddConstraint(
            model_name="shown",
            constraint=models.UniqueConstraint(
                fields=("survey", "version", "question", "day", "held"), name="shown_once_held"
            ),
        ),
        migrations.CreateModel(
            name="TooFew",
            fields=[
                ("survey", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("responses", models.PositiveIntegerField(default=0)),
                ("answers", models.PositiveIntegerField(default=0)),
                ("day", models.DateField()),
            ],
        ),
        migrations.RunPython(_count_all_until_now, migrations.RunPython.noop),
    ]
