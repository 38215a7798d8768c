"""What letters refuse, each error with the name of the letter and what stands in its way."""


class LetterError(Exception):
    """The base of everything that letters raise."""


class NoSuchLetter(LetterError):
    """No template has this name, neither among staff's own nor among the shipped ones."""

    def __init__(self, letter: str) -> None:
        super().__init__(f"there is no letter template {letter}")
        self.letter = letter


class MissingFields(LetterError):
    """The template uses fields that this application cannot fill; `fields` names every one, in their order."""

    def __init__(self, letter: str, fields: tuple[str, ...]) -> None:
        super().__init__(f"the letter {letter} cannot be drawn without {', '.join(fields)}")
        self.letter, self.fields = letter, fields


class TemplateBroken(LetterError):
    """The template cannot be read, or uses something that a letter may not use; `why` says what."""

    def __init__(self, letter: str, why: str) -> None:
        super().__init__(f"the template of the letter {letter} cannot be used: {why}")
        self.letter, self.why = letter, why
