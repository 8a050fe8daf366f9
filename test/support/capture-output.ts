/** Captures what this process writes to standard output and standard error, instead of writing it. */
export function captureOutput(): { text(): string; stop(): void } {
  const parts: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write.bind(stream));
  const capture = (chunk: string | Uint8Array): boolean => {
    parts.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    return true;
  };
  for (const stream of streams) stream.write = capture as typeof stream.write;
  return {
    text: () => parts.join(''),
    stop() {
      for (const [index, stream] of streams.entries()) stream.write = writes[index] as typeof stream.write;
    },
  };
}
