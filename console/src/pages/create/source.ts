import type { Channel } from '../../generated/sagemaker';

/** Where a channel's data lie, in a word; empty while nothing is chosen. */
export function sourceOf(channel: Channel): string {
  const { S3DataSource: s3, FileSystemDataSource: files } = channel.DataSource;
  if (s3) return s3.S3Uri ?? '';
  return files && files.FileSystemId !== '' ? `${files.FileSystemId}:${files.DirectoryPath}` : '';
}
