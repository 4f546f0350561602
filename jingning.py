"""One command for planners over layers, scenarios and maps."""
