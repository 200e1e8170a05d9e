"""Out to candidates and back: invitations, inboxes, archives, receipts."""
