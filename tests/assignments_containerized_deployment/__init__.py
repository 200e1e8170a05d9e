"""Tests of the work sample containerized-deployment."""
