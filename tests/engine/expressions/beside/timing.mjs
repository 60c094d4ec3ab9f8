// Times feelin inside Node: one JSON request on stdin, one JSON answer on stdout, microseconds per evaluation of each round.
//
//   {"rounds": 7, "condition": "x > 1", "data": {"x": 2},
//    "tables": [{"rows": [["\"k1\"", "[0..9]"], …], "inputs": ["k1", 5], "times": 10}]}
//
// feelin can only evaluate texts, so it parses each time; it knows no tables, so a table is a loop over its rows that
// leaves a row at the first cell that does not hold.

import { readFileSync } from 'node:fs';
import { evaluate, unaryTest } from 'feelin';

const { rounds, condition, data, tables } = JSON.parse(readFileSync(0, 'utf8'));

function measure(work, times) {
  for (let i = 0; i < times; i++) work();
  return Array.from({ length: rounds }, () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < times; i++) work();
    return Number(process.hrtime.bigint() - start) / 1000 / times;
  });
}

function hits(rows, inputs) {
  const given = inputs.map((value) => ({ '?': value }));
  return rows.filter((row) => row.every((cell, at) => cell === '-' || unaryTest(cell, given[at]).value === true)).length;
}

process.stdout.write(JSON.stringify({
  condition: measure(() => evaluate(condition, data), 1000),
  hits: tables.map(({ rows, inputs }) => hits(rows, inputs)),
  tables: tables.map(({ rows, inputs, times }) => measure(() => hits(rows, inputs), times))
}));
