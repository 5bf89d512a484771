from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sources", "0002_source_channel")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="seen_in_browser",
            field=models.DateTimeField(null=True),
        ),
    ]
