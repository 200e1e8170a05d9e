"""The work sample deployment-component: its cases, its checks, its solutions."""
