/** The same port with some methods replaced: how a test breaks one promise and keeps the others. */
export function altered<Port extends object>(port: Port, changes: (port: Port) => Partial<Port>): Port {
  const replaced = changes(port);
  return new Proxy(port, {
    get: (target, name, receiver) =>
      Reflect.get(Object.hasOwn(replaced, name) ? replaced : target, name, receiver) as unknown,
  });
}
