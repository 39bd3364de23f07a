export { runCli, CLI_VERSION } from './cli/run-cli.js';
export type { CliPorts } from './cli/cli.js';
export type { TextOut } from './output/text-out.js';
export { EXIT, EXIT_CODES, type ExitCode } from './cli/exit-codes.js';
