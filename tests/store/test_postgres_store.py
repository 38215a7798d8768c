"""The PostgreSQL store holds to the contract, and to what a server must bear besides."""

from pathlib import Path

import pytest

from portal.store import open_store
from tests.store.contract import Opening, StoreContract
from tests.store.contract_processes import ProcessesContract


class TestPostgresStore(StoreContract, ProcessesContract):
    """The contract."""

    @pytest.fixture
    def opening(self, postgres_url: str, tmp_path: Path) -> Opening:
        """Opens the store in an empty database."""
        return lambda: open_store(postgres_url, tmp_path)
