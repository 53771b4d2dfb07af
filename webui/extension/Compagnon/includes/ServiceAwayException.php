<?php

namespace MediaWiki\Extension\Compagnon;

use RuntimeException;

/**
 * The service does not answer, or answers nonsense. Its message is for the wiki's log, not for readers.
 */
class ServiceAwayException extends RuntimeException {
}
