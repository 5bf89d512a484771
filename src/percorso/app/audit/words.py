"""What each action is called on the page."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: Final[Mapping[str, str | Promise]] = {
    "person.first": _("opened the company's account"),
    "person.invited": _("invited a person"),
    "person.joined": _("accepted an invitation"),
    "person.role": _("changed a person's role"),
    "person.deactivated": _("closed a person's access"),
    "person.reactivated": _("gave a person access again"),
    "person.reset_link": _("made a link for a new password"),
    "person.signed_in": _("signed in"),
    "person.password": _("changed their password"),
    "invitation.withdrawn": _("withdrew an invitation"),
    "company.changed": _("changed the company's settings"),
    "import.uploaded": _("uploaded files"),
    "import.confirmed": _("confirmed an import"),
    "import.finished": _("finished an import"),
    "import.failed": _("could not finish an import"),
    "import.discarded": _("discarded uploaded files"),
    "voice.corrected": _("corrected what was read in a text"),
    "voice.confirmed": _("confirmed what was read in a text"),
    "voice.undone": _("took a correction of a text back"),
    "voice.read_again": _("had the texts read again"),
    "voice.exported": _("downloaded texts"),
    "topic.rename": _("renamed a topic"),
    "topic.merge": _("merged topics"),
    "topic.unmerge": _("took merged topics apart"),
    "topic.pin": _("pinned a topic"),
    "topic.unpin": _("unpinned a topic"),
    "topic.hide": _("hid a topic"),
    "topic.unhide": _("showed a topic again"),
    "quarantine.mended": _("mended a row in quarantine"),
    "quarantine.discarded": _("discarded a row in quarantine"),
    "quarantine.retried": _("had rows in quarantine tried again"),
    "quarantine.exported": _("downloaded the quarantine"),
}
