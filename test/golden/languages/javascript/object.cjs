const helper = require("./helper");
module.exports = {
  helper,
  run: function () {
    return helper.go();
  },
  ...require("./more"),
};
