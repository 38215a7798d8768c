"""Why a paper is not kept, in words for whoever sent it."""


class PaperRefused(ValueError):
    """The file is not kept; the message says why, to the person, and `status` how the portal answers."""

    status = 422
    why = ""
    """For the access log, where it has to say more than the person is told."""


class PaperTooLarge(PaperRefused):
    """It is larger than a paper may be, packed or unpacked."""

    status = 413


class NotAPaper(PaperRefused):
    """It is none of the kinds that are asked for, or cannot be opened as what it is, or does more than paper can."""

    status = 415


class PaperInfected(PaperRefused):
    """The virus scanner knows what is in it."""

    def __init__(self, found: str) -> None:
        super().__init__(
            "The virus scanner found something dangerous in this file, and it was not kept. "
            "Have the machine that it comes from looked at, and send a fresh scan of the paper."
        )
        self.why = f"the virus scanner found {found}"


class PaperNotScanned(PaperRefused):
    """The virus scanner does not answer: nothing is kept that it has not seen."""

    status = 503

    def __init__(self, why: str) -> None:
        super().__init__(
            "This file was not kept: it could not be checked for viruses just now. Everything else that you entered "
            "is still here. Choose the file again in a few minutes."
        )
        self.why = f"the virus scanner does not answer: {why}"
