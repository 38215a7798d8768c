"""What every room's tests share. Rooms keep their own fixtures beside their tests."""

pytest_plugins = ["tests.sections"]
