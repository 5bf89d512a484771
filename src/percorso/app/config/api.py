"""The API at ``/api/v1/``: every slice's operations."""

from percorso.app.api.frame import addresses, make_api
from percorso.app.control_room.api import operations as figures
from percorso.app.customers.api import operations as customers
from percorso.app.intake.api import operations as intake
from percorso.app.outbox.api import operations as contacts
from percorso.app.privacy.api import operations as privacy
from percorso.app.problems.api import operations as problems
from percorso.app.surveys.api import operations as surveys
from percorso.app.surveys.sending.api import operations as sending
from percorso.app.touchpoints.api import operations as touchpoints
from percorso.app.voice.api import operations as voice

api = make_api("1")
_READING = (figures, problems, voice, touchpoints, customers, privacy)
for each in (*_READING, surveys, sending, contacts, intake):
    api.add_router("", each)

urls = addresses(api)
