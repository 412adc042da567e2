module example.com/shop // the shop

go 1.22

require example.com/prices v1.0.0

replace (
	example.com/prices v1.0.0 => ../prices
	example.com/other => example.com/fork v1.2.3
)
