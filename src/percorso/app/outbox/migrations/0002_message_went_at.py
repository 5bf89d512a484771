from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_outbox")]

    operations = [
        migrations.AddField("message", "went_at", models.DateTimeField(null=True)),
    ]
