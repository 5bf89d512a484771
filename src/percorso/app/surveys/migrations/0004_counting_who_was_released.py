from datetime import UTC, datetime
from typing import Any

from django.db import migrations, models


def _count_with_the_next(apps: Any, _schema_editor: Any) -> None:
    """Let those who answered and do not count yet count with what is released next."""
    waiting = apps.get_model("surveys", "Invitation").objects.filter(used=True, counted=False)
    noted = apps.get_model("surveys", "InvitedAnswered").objects
    numbers = waiting.order_by().values("survey").annotate(number=models.Count("id"))
    for each in numbers:
        noted.create(**each, version=0, day=datetime.now(UTC).date())


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_counting_at_release")]

    operations = [
        migrations.CreateModel(
            name="InvitedAnswered",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("survey", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("day", models.DateField()),
                ("number", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("survey", "version", "day"), name="invited_answered_once"
                    )
                ],
            },
        ),
        migrations.RunPython(_count_with_the_next, migrations.RunPython.noop),
    ]
