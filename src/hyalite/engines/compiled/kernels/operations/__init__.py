"""Forward and backward passes, one file an operation; its lowering has the same name."""
