<?php

namespace MediaWiki\Extension\Compagnon;

use BagOStuff;

/**
 * Remembers for a minute that the service failed, so that a dead service costs the wiki one request a minute.
 */
class Breaker {

	private const SECONDS = 60;

	/** @var BagOStuff */
	private $cache;

	/** @var string */
	private $key;

	/** @var bool|null */
	private $open = null;

	/**
	 * @param BagOStuff $cache Where all of the wiki's processes look
	 * @param string $about What fails: another address begins with a clean sheet
	 */
	public function __construct( $cache, string $about ) {
		$this->cache = $cache;
		$this->key = $cache->makeKey( 'compagnon-away', hash( 'sha256', $about ) );
	}

	/**
	 * Whether the service failed less than a minute ago.
	 *
	 * @return bool
	 */
	public function isOpen(): bool {
		if ( $this->open === null ) {
			$this->open = (bool)$this->cache->get( $this->key );
		}
		return $this->open;
	}

	/** Ask nothing for a minute. */
	public function trip(): void {
		$this->open = true;
		$this->cache->set( $this->key, 1, self::SECONDS );
	}
}
