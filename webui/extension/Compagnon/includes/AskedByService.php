<?php

namespace MediaWiki\Extension\Compagnon;

use BagOStuff;

/**
 * Tells requests of the service from others: Claim the other way round, with a version of its own, so that what one of
 * the two signs is never good for the other.
 *
 * The header is "s1.PAYLOAD.SIGNATURE": base64url, without padding, of the JSON object {"iat", "nonce", "req"}, and of
 * HMAC-SHA256 over "s1.PAYLOAD". It is good for one request, once, within a minute.
 */
class AskedByService {

	public const HEADER = 'Compagnon-Service';

	private const VERSION = 's1';
	private const VALID_SECONDS = 60;
	/** How much the service's clock may be ahead of the wiki's. */
	private const AHEAD_SECONDS = 30;
	private const LONGEST_HEADER = 1000;

	/** @var Settings */
	private $settings;

	/** @var BagOStuff */
	private $cache;

	/**
	 * @param Settings $settings
	 * @param BagOStuff $cache Remembers what was used, where all of the wiki's processes look
	 */
	public function __construct( Settings $settings, $cache ) {
		$this->settings = $settings;
		$this->cache = $cache;
	}

	/**
	 * Whether the wiki's settings have a secret: without one nobody is answered.
	 *
	 * @return bool
	 */
	public function isPossible(): bool {
		return $this->settings->secret() !== null;
	}

	/**
	 * Whether the service makes this request, now, and for the first time.
	 *
	 * @param string $header
	 * @param string $method
	 * @param string $route Path of the route, as the extension registers it
	 * @param string $body As it was sent
	 * @return bool
	 */
	public function isGood( string $header, string $method, string $route, string $body ): bool {
		$secret = $this->settings->secret();
		$parts = explode( '.', $header );
		if ( $secret === null || strlen( $header ) > self::LONGEST_HEADER || count( $parts ) !== 3 ||
			$parts[0] !== self::VERSION
		) {
			return false;
		}
		$signature = Claim::encode( hash_hmac( 'sha256', "$parts[0].$parts[1]", $secret, true ) );
		if ( !hash_equals( $signature, $parts[2] ) ) {
			return false;
		}
		$said = json_decode( (string)base64_decode( strtr( $parts[1], '-_', '+/' ) ), true, 2 );
		$req = is_array( $said ) ? $said['req'] ?? null : null;
		if ( !is_string( $req ) || !hash_equals( hash( 'sha256', "$method\n$route\n$body" ), $req ) ) {
			return false;
		}
		$age = is_int( $said['iat'] ?? null ) ? time() - $said['iat'] : PHP_INT_MAX;
		$nonce = $said['nonce'] ?? null;
		if ( $age > self::VALID_SECONDS || $age < -self::AHEAD_SECONDS || !is_string( $nonce ) ||
			!preg_match( '/^[0-9a-f]{32}$/D', $nonce )
		) {
			return false;
		}
		$key = $this->cache->makeKey( 'compagnon-nonce', $nonce );
		return $this->cache->add( $key, 1, self::VALID_SECONDS + self::AHEAD_SECONDS );
	}
}
