import { expect, test } from 'vitest'
import { cell, csv } from './csv.ts'

test('quotes what has commas, quotes or line ends', () => {
  expect(csv([['a,b', 'say "no"', 'x\ny', 1, null]])).toBe('"a,b","say ""no""","x\ny",1,\r\n')
})

test('a cell that a spreadsheet would run is made a text; numbers stay numbers', () => {
  expect(cell('=1+1')).toBe("'=1+1")
  expect(cell('+cmd')).toBe("'+cmd")
  expect(cell('@sum(A1)')).toBe("'@sum(A1)")
  expect(cell('-2+3')).toBe("'-2+3")
  expect(cell('\t=1')).toBe("'\t=1")
  expect(cell('=HYPERLINK("x","y")')).toBe('"\'=HYPERLINK(""x"",""y"")"')
  expect(cell('-12.5')).toBe('-12.5')
})
