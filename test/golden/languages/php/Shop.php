<?php

declare(strict_types=1);

namespace Acme\Shop;

use Acme\Prices\Price;
use Acme\Prices\{Rate as Duty, Tax};
use function Acme\Prices\rate;
use const Acme\Prices\LIMIT;

require_once __DIR__ . '/legacy.php';

const NAME = 'shop';

/**
 * Sells things.
 */
#[Service('shop')]
final class Shop extends BaseShop implements Seller
{
    use Logs;

    public const SIZE = 10;
    private static int $count = 0;
    /** @var Item[] */
    protected array $items = [];

    public function __construct(private readonly Price $total, Duty ...$duties)
    {
        parent::__construct($total);
        self::$count += LIMIT;
    }

    /** What it makes. */
    public function sell(Item $item, ?callable $each = null): ?Price
    {
        $price = $item->price;
        foreach ($this->items as $part) {
            $part->wrap($price);
        }
        $box = new Box($this->total);
        $wrap = fn (Item $it): Price => $it->price->times(self::SIZE);
        if ($item instanceof Box) {
            $item->open()->close();
        }
        return rate($box?->inner, static::$count) ?: \strlen(NAME);
    }

    public static function of(Item $item): static
    {
        return new static($item->price);
    }
}

interface Seller extends Named
{
    public function sell(Item $item, ?callable $each = null): ?Price;
}

trait Logs
{
    abstract function log(string $text): void;
}

enum Size: int implements Named
{
    case Small = 1;
    case Large = 2;

    public function next(): self
    {
        return self::Large;
    }
}

function open(Shop $shop): void
{
    $shop->sell(new \Acme\Box\Item());
    Shop::of(null)->sell(null);
    Size::Small->next();
}

final class ShopTest extends TestCase
{
    public function testSells(): void
    {
        open(Shop::of(null));
    }
}
