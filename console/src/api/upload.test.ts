import { expect, it } from 'vitest';
import { deletion, xmlText } from './s3';
import { partSizeOf } from './upload';

const mebibyte = 1024 * 1024;

it('parts are 16 MiB until there would be more than S3 puts together', () => {
  expect(partSizeOf(1)).toBe(16 * mebibyte);
  expect(partSizeOf(10_000 * 16 * mebibyte)).toBe(16 * mebibyte);
  expect(partSizeOf(10_000 * 16 * mebibyte + 1)).toBe(17 * mebibyte);
  const largest = 5 * 1024 * 1024 * mebibyte; // an object of S3, at most
  expect(Math.ceil(largest / partSizeOf(largest))).toBeLessThanOrEqual(10_000);
});

it('keys full of markup and line ends are named in a deletion as they are', () => {
  expect(xmlText('a&b<c>"d"\r\n')).toBe('a&#38;b&#60;c&#62;&#34;d&#34;&#13;&#10;');
  expect(deletion(['<k>', 'a/b c'])).toBe('<Delete><Quiet>true</Quiet><Object><Key>&#60;k&#62;</Key></Object><Object><Key>a/b c</Key></Object></Delete>');
});
