/** The repository in an image's address, by which built-in algorithms are known: "…/kmeans:1" is "kmeans". */
export function repositoryOf(image: string | undefined): string {
  return (image ?? '').replace(/^.*\//, '').replace(/[:@].*$/, '');
}
