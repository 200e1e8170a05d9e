"""The service that scores invoices."""
