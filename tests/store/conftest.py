"""The contract's assertions are explained by pytest as those of test files are."""

import pytest

pytest.register_assert_rewrite("tests.store.contract", "tests.store.contract_processes")
