<?php

namespace MediaWiki\Extension\Compagnon;

use Config;

/**
 * What LocalSettings.php says of the service. Neither its address nor the secret ever leaves PHP once both are set.
 */
class Settings {

	/** A shorter secret could be guessed. */
	private const SHORTEST_SECRET = 32;

	/** @var Config */
	private $config;

	/**
	 * @param Config $config The wiki's settings
	 */
	public function __construct( $config ) {
		$this->config = $config;
	}

	/**
	 * The address of the service without a closing slash, or null when it is none.
	 *
	 * @return string|null
	 */
	public function url(): ?string {
		$url = $this->config->get( 'CompagnonUrl' );
		if ( !is_string( $url ) ) {
			return null;
		}
		$url = trim( $url );
		$parts = parse_url( $url );
		if ( !is_array( $parts ) ) {
			return null;
		}
		$scheme = strtolower( $parts['scheme'] ?? '' );
		if ( !in_array( $scheme, [ 'http', 'https' ], true ) || ( $parts['host'] ?? '' ) === '' ) {
			return null;
		}
		return isset( $parts['query'] ) || isset( $parts['fragment'] ) ? null : rtrim( $url, '/' );
	}

	/**
	 * The secret that the wiki shares with the service, or null when there is none.
	 *
	 * @return string|null
	 */
	public function secret(): ?string {
		$secret = $this->config->get( 'CompagnonSecret' );
		$secret = is_string( $secret ) ? trim( $secret ) : '';
		return strlen( $secret ) < self::SHORTEST_SECRET ? null : $secret;
	}

	/**
	 * Whether the wiki can ask the service: it knows both where it is and the secret.
	 *
	 * @return bool
	 */
	public function canAsk(): bool {
		return $this->url() !== null && $this->secret() !== null;
	}
}
