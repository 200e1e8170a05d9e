"""Tests of monitoring-implementation."""
