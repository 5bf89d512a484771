from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sources", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="channel",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
    ]
