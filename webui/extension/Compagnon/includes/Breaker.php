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
	private $about;

	/** @var bool[] By key, as far as it was looked up */
	private $open = [];

	/**
	 * @param BagOStuff $cache Where all of the wiki's processes look
	 * @param string $about What fails: another address begins with a clean sheet
	 */
	public function __construct( $cache, string $about ) {
		$this->cache = $cache;
		$this->about = $about;
	}

	/**
	 * Whether the service failed less than a minute ago.
	 *
	 * @param string $writer Whose texts it failed to read; empty for what it fails whoever asks
	 * @return bool
	 */
	public function isOpen( string $writer = '' ): bool {
		$key = $this->key( $writer );
		$this->open[$key] ??= (bool)$this->cache->get( $key );
		return $this->open[$key];
	}

	/**
	 * Ask nothing for a minute.
	 *
	 * @param string $writer See isOpen()
	 */
	public function trip( string $writer = '' ): void {
		$key = $this->key( $writer );
		$this->open[$key] = true;
		$this->cache->set( $key, 1, self::SECONDS );
	}

	/**
	 * @param string $writer
	 * @return string
	 */
	private function key( string $writer ): string {
		$about = $writer === '' ? $this->about : "$this->about\n$writer";
		return $this->cache->makeKey( 'compagnon-away', hash( 'sha256', $about ) );
	}
}
