terraform {
  required_version = ">= 1.5"
}

# How many fit.
variable "limit" {
  type    = number
  default = 10
}

locals {
  name = "shop-${var.limit}"
  tags = { a = 1 }
}

resource "aws_instance" "shop" {
  ami = data.aws_ami.shop.id
  lifecycle {
    prevent_destroy = true
  }
}

data "aws_ami" "shop" {
  owners = ["self"]
}

module "prices" {
  source = "./prices"
  limit  = var.limit
}

provider "aws" {
  alias = "west"
}

output "name" {
  value = local.name
}
