"""Replays the pods of a folder with Spark: each partition is read by one `podreplay replay`.

    spark-submit replay.py INPUT OUTPUT [--emit transitions|findings|intervals|latency] [--order version|time] [--broadcast FILE]...
                           [--partitions N] [--program PROGRAM]

INPUT has watch events or audit logs as JSON lines, plain or .gz, in any number of files and folders. OUTPUT is a folder that must not
exist: its files part-*.txt, concatenated by name, are the lines that `podreplay replay` prints, sorted by uid and seq.
"""

import argparse
import itertools
import pathlib
import subprocess
import sys
import tempfile
import threading

import pyarrow
from pyspark import SparkFiles
from pyspark.sql import Observation, SparkSession, Window
from pyspark.sql import functions as F

METADATA = "metadata STRUCT<namespace STRING, name STRING, uid STRING, resourceVersion STRING>"
# What is parsed here: only which pod a line is about, and when. A request can be an array (a JSON patch), so it stays text.
LINE = f"""object STRUCT<kind STRING, {METADATA}>, objectRef STRUCT<resource STRING, namespace STRING, name STRING, uid STRING>,
    responseObject STRUCT<{METADATA}>, requestObject STRING, stageTimestamp STRING, broken STRING"""
ORDERS = {"version": ("object.metadata.resourceVersion", "bigint"), "time": ("stageTimestamp", "timestamp")}
OUTPUT = pyarrow.schema([("position", pyarrow.int64()), ("line", pyarrow.string())])
OUTPUT_LINES = 10_000


def lines_of(spark, folder, order):
    """The lines about pods with their uid and seq, and the broken lines with their file: those are for the filter to refuse."""
    text = spark.read.option("lineSep", "\n").option("recursiveFileLookup", True).text(folder)
    file, start = F.col("_metadata.file_path"), F.col("_metadata.file_block_start")
    json = F.from_json("value", LINE, {"columnNameOfCorruptRecord": "broken"})
    lines = text.select(file.alias("file"), start.alias("start"), F.monotonically_increasing_id().alias("row"), json.alias("json"),
                        F.col("value").cast("binary").alias("line"))
    is_broken = F.col("json.broken").isNotNull()
    is_pod = (F.coalesce("json.object.kind", F.lit("Pod")) == "Pod") & (F.coalesce("json.objectRef.resource", F.lit("pods")) == "pods")
    key, kind = ORDERS[order]
    unordered = F.raise_error(F.concat(F.lit(f"a pod's line has no {key} to order it by; try another --order: "), "file"))
    in_order = F.coalesce(F.col(f"json.{key}").try_cast(kind), F.when(~is_broken, unordered))
    return lines.where(is_broken | (is_pod & name_of().isNotNull())).select(
        namespace_of().alias("namespace"), name_of().alias("name"), uid_of().alias("uid"), is_broken.alias("is_broken"),
        F.struct(in_order.alias("order"), "file", "start", "row").alias("seq"),
        F.when(is_broken, F.col("file")).alias("broken_in"), "line")


def uid_of():
    request = F.get_json_object("json.requestObject", "$.metadata.uid")
    return F.coalesce("json.object.metadata.uid", "json.responseObject.metadata.uid", request, "json.objectRef.uid")


def name_of():
    return F.coalesce("json.object.metadata.name", "json.responseObject.metadata.name", "json.objectRef.name")


def namespace_of():
    return F.coalesce("json.object.metadata.namespace", "json.responseObject.metadata.namespace", "json.objectRef.namespace")


def with_uids(lines):
    """An eviction has its pod's name and no uid: the uid is that of the line before it with this name."""
    before = Window.partitionBy("namespace", "name").orderBy("seq")
    return lines.withColumn("uid", F.coalesce("uid", F.last("uid", ignorenulls=True).over(before)))


def filter_by(command, broadcast):
    """A function for mapInArrow that sends the lines of a partition through a process of its own. `broadcast` names files that Spark sends
    to each executor."""

    def run(batches):
        given = [word for name in broadcast for word in ("--broadcast", SparkFiles.get(name))]
        failures, broken = [], []
        with tempfile.TemporaryFile() as stderr, subprocess.Popen(command + given, stdin=subprocess.PIPE,
                                                                  stdout=subprocess.PIPE, stderr=stderr) as process:
            def feed():
                try:
                    with process.stdin as stdin:
                        for batch in batches:
                            broken.extend(batch["broken_in"].drop_null().to_pylist())
                            for line in batch["line"]:
                                stdin.write(line.as_py() + b"\n")
                except BaseException as error:  # also a broken pipe: no filter may leave input unread
                    failures.append(error)

            feeder = threading.Thread(target=feed, daemon=True)
            feeder.start()
            try:
                for first in itertools.count(0, OUTPUT_LINES):
                    lines = [line.decode().rstrip("\n") for line in itertools.islice(process.stdout, OUTPUT_LINES)]
                    if not lines:
                        break
                    yield pyarrow.record_batch([range(first, first + len(lines)), lines], schema=OUTPUT)
            except BaseException:
                process.kill()
                raise
            feeder.join()
            code = process.wait()
            if code != 0:
                stderr.seek(0)
                places = f" (no JSON in {', '.join(sorted(set(broken)))})" if broken else ""
                said = stderr.read().decode(errors="replace").strip()
                raise RuntimeError(f"{' '.join(command)}: exit code {code}{places}: {said}")
            if failures:
                raise failures[0]

    return run


def replay(spark, asked):
    lines = lines_of(spark, asked.input, asked.order)
    if asked.order == "time":
        lines = with_uids(lines)
    seen = Observation()
    lines = lines.observe(seen, F.count_if(F.col("uid").isNotNull()).alias("lines"),
                          F.count_if(F.col("uid").isNull() & ~F.col("is_broken")).alias("unknown"))
    lines = lines.where(F.col("uid").isNotNull() | F.col("is_broken"))
    grouped = lines.repartition(asked.partitions, "uid").sortWithinPartitions("uid", "seq").select("broken_in", "line")
    command = [asked.program, "replay", "--emit", asked.emit]
    for path in asked.broadcast:
        spark.sparkContext.addFile(path)
    broadcast = [pathlib.PurePosixPath(path).name for path in asked.broadcast]
    replayed = grouped.mapInArrow(filter_by(command, broadcast), "position BIGINT, line STRING")
    # orderBy reads its input twice. Without persist it would replay twice.
    replayed = replayed.withColumn("uid", F.get_json_object("line", "$.uid")).persist()
    replayed.orderBy("uid", "position").select("line").write.text(asked.output)
    print(f"replayed {seen.get['lines']} lines; skipped {seen.get['unknown']} that name a pod whose uid is unknown", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", help="a folder of JSON lines")
    parser.add_argument("output", help="the folder to create")
    parser.add_argument("--emit", default="transitions", choices=["transitions", "findings", "intervals", "latency"], help="what to print of each pod")
    parser.add_argument("--order", default="version", choices=ORDERS, help="order the lines of a pod by resourceVersion "
                        "(watch events) or by stageTimestamp (audit events); equal ones by file name and line")
    parser.add_argument("--broadcast", action="append", default=[], metavar="FILE", help="give the records of this file to every pod, as "
                        "podreplay replay does; files of one name are one")
    parser.add_argument("--partitions", type=int, default=200, help="how many filters to divide the pods among")
    parser.add_argument("--program", default="podreplay", help="podreplay, where the executors find it")
    asked = parser.parse_args()
    # Python holds a whole batch, and an audit event can have megabytes.
    builder = SparkSession.builder.appName("podreplay").config("spark.sql.execution.arrow.maxRecordsPerBatch", 1000)
    with builder.getOrCreate() as spark:
        replay(spark, asked)


if __name__ == "__main__":
    main()
