// One read of a CSV file without header by DuckDB or polars: readers.mjs READER FILE COLUMNS. Prints how many
// numbers were read and the wall and CPU seconds it took.
const [reader, path, columns] = [process.argv[2], process.argv[3], Number(process.argv[4])];

async function duckdb() {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const types = Array.from({ length: columns }, (_, i) => `'c${i}': 'FLOAT'`).join(', ');
  return async () => {
    await connection.run(
      `CREATE OR REPLACE TABLE t AS SELECT * FROM read_csv('${path}', header = false, auto_detect = false, ` +
        `delim = ',', max_line_size = 4000000, columns = {${types}})`,
    );
    const rows = await connection.runAndReadAll('SELECT count(*) FROM t');
    return Number(rows.getRows()[0][0]) * columns;
  };
}

async function polars() {
  process.env.POLARS_MAX_THREADS = '1';
  const { default: pl } = await import('nodejs-polars');
  return async () => {
    const frame = pl.readCSV(path, { hasHeader: false, numThreads: 1, inferSchemaLength: 100 });
    return frame.height * frame.width;
  };
}

const read = await { duckdb, polars }[reader]();
const start = process.hrtime.bigint();
const before = process.cpuUsage();
const numbers = await read();
const used = process.cpuUsage(before);
console.log('READ', numbers, Number(process.hrtime.bigint() - start) / 1e9, (used.user + used.system) / 1e6);
process.exit(0);
