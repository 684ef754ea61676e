"""The course's own JupyterLab server: it answers at once.

A kernel answers a moved slider with a small message ("busy") and then a picture. By default the
system holds the second message back until the browser has confirmed the first (Nagle's algorithm,
RFC 896), and the browser waits up to 40 ms before it confirms (delayed acknowledgment, RFC 1122):
each alone saves packets, together they cost an explorer a fifth of its time.
"""

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

CONNECTION = "--ServerApp.kernel_websocket_connection_class=tools.server.PromptConnection"
"""The option that makes a Jupyter server use it; the course's root must be importable there."""


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Between a kernel and a browser; no message waits for the last one's acknowledgment."""

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]
        self.websocket_handler.set_nodelay(True)
        return super().connect()
