#!/bin/sh
# How the service is started everywhere: two workers. PORT is given.
exec gunicorn --config gunicorn.conf.py --bind "127.0.0.1:${PORT:-8000}" service.app:app
