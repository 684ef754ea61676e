"""The course's JupyterLab hands a kernel's answers on at once."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from tools.server import CONNECTION, PromptConnection


def test_no_message_waits_for_the_last_ones_acknowledgment(monkeypatch) -> None:
    done = []
    monkeypatch.setattr(
        KernelWebsocketHandler, "set_nodelay", lambda self, value: done.append(f"nodelay {value}")
    )
    monkeypatch.setattr(
        ZMQChannelsWebsocketConnection, "connect", lambda self: done.append("connected")
    )
    connection = PromptConnection.__new__(PromptConnection)
    connection.websocket_handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)
    connection.connect()
    assert done == ["nodelay True", "connected"]


def test_the_option_names_the_class() -> None:
    name = CONNECTION.partition("=")[2]
    assert name == f"{PromptConnection.__module__}.{PromptConnection.__qualname__}"
