import { Button, Menu } from "./ui";
export function View({ title, items }: Props) {
  return (
    <Menu.Item onClick={() => items.forEach((item) => item.run())}>
      <h1>{title}</h1>
      <Button label={title} />
    </Menu.Item>
  );
}
interface Props {
  title: string;
  items: Item[];
}
interface Item {
  run(): void;
}
