/** Publishing to the event bus under Tenure's own source. */
export interface Bus {
  /**
   * Publishes each detail (a CloudEvent as JSON with `tenureproducer`), in requests of the bus's own batch size.
   * Returns one answer for each detail, in order; `durable` means that the bus has stored it.
   */
  publish(
    details: readonly { readonly type: string; readonly detail: string }[],
  ): Promise<('durable' | 'failed')[]>;
}
