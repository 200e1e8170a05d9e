"""Tests of the work sample pipeline-troubleshooting."""
