"""The shipped letter templates as text, and the program that makes Word files of them: `python -m portal.letters.source`.

The portal never imports this: it reads the .docx files in `templates/`. A change of wording is made here, built, and both are committed.
`paper.py` knows Word; the other files know only what the letters say.
"""
