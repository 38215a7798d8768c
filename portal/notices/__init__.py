"""What the portal tells people by mail: which words, to whom, and how it gets there.

A mail is queued in the store before anything else and leaves the queue when a mail server (or the outbox) has it.
Only `smtp.py` imports smtplib.
"""
