"""`kafkacompat dump`: write what a Kafka holds as a file that `start --seed` takes."""

import json
from pathlib import Path

import click

from kafkacompat.cli.exit_codes import FAILED, WRONG_INPUT, fail


@click.command(short_help="Write what a broker holds as a seed file.")
@click.option(
    "-b", "--bootstrap-server", default="127.0.0.1:9092", metavar="HOST:PORT", show_default=True
)
@click.option("-o", "--output", type=Path, metavar="FILE", help="A .json or .yaml file. [stdout]")
@click.option("--no-records", is_flag=True, help="Topics and groups only.")
def dump(bootstrap_server: str, output: Path | None, no_records: bool) -> None:
    """Write topics, their configurations and records, and the offsets of groups.

    It works against any Kafka that listens without encryption and passwords.
    """
    from kafkacompat.seed.dump import Dumper
    from kafkacompat_protocol.errors import KafkaError

    host, _, port = bootstrap_server.rpartition(":")
    if not port.isdigit():
        fail(f"{bootstrap_server}: write HOST:PORT", WRONG_INPUT)
    dumper = Dumper((host.strip("[]") or "127.0.0.1", int(port)))
    try:
        document = dumper.dump(with_records=not no_records)
    except (KafkaError, OSError) as error:
        fail(f"{bootstrap_server}: {error}", FAILED)
    finally:
        dumper.close()
    if output is None:
        click.echo(json.dumps(document, indent=1, ensure_ascii=False))
        return
    if output.suffix in (".yaml", ".yml"):
        import yaml

        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    else:
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    output.write_text(text, "utf-8")
