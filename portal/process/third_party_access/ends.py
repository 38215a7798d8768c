"""The chapter Afterwards: how an application ends before its acceptance."""

from portal.process.conditions import Never, Taken
from portal.process.step import Field, Kind, Step, Tell
from portal.process.third_party_access.application import DECIDED

CHAPTER = "afterwards"

STEPS = (
    Step(
        key="withdraw",
        title="Withdraw the application",
        asks="Withdraw the application. It is then closed; its record stays.",
        done="withdrew the application",
        chapter=CHAPTER,
        section="6.4",
        opens=Taken("identify-requestor"),
        closed_by=DECIDED,
        waits=Never(),
        status="withdrawn",
        check_first=True,
        confirm_label="Withdraw the application",
        tells=(
            Tell(("role:process-manager", "actor:identify-requestor"), "The application of {organization} was withdrawn."),
            Tell(("person:complete_application.contact",), "The application of {organization} was withdrawn.", Taken("complete-application")),
        ),
        fields=(Field("reason", "Why it is withdrawn", Kind.LONG_TEXT, example="The organization will use another county's access."),),
    ),
)  # fmt: skip
