"""Two worker processes, four threads each; keep it so."""

workers = 2
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 10
control_socket_disable = True
loglevel = "warning"
