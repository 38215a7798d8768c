"""The shipped letter templates as text, and what makes Word files of them: `python -m tools.letter_templates`.

The portal never imports this: it reads the .docx files in `portal/letters/templates`. A change of wording is made here,
built, and both are committed. `word.py` and `paper.py` know Word; the other files know what the letters say.
"""
