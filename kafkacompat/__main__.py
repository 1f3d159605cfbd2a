"""`python -m kafkacompat` and the command `kafkacompat`."""


def main() -> None:
    """Run the command line."""
    from kafkacompat.cli.commands import kafkacompat

    kafkacompat(prog_name="kafkacompat")


if __name__ == "__main__":
    main()
