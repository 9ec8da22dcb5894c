"""What scores and answers say about the data: each check returns findings, none names a participant."""
