<?php

namespace MediaWiki\Extension\Compagnon;

use GuzzleHttp\Exception\ConnectException;
use GuzzleHttp\Exception\GuzzleException;
use GuzzleHttp\Exception\RequestException;
use GuzzleHttp\Psr7\FnStream;
use GuzzleHttp\Psr7\Utils;
use MediaWiki\Http\HttpRequestFactory;
use MediaWiki\Permissions\Authority;
use MediaWiki\User\UserFactory;
use MediaWiki\User\UserIdentity;
use Psr\Log\LoggerInterface;

/**
 * Asks the service, in the name of a reader, and gives up soon.
 *
 * Nobody waits for a dead service twice: after a failure nothing is asked for a minute. A text can be made to
 * be slow: the service that fails to read it is left alone by its writer, and answers everybody else.
 */
class ServiceClient {

	/** A code of ServiceAwayException. */
	private const UNREACHABLE = 1;
	/** CURLE_OPERATION_TIMEDOUT, which PHP without curl does not know. */
	private const TIMED_OUT = 28;

	private const ROOT = '/api/v1/wiki/';
	private const CONNECT_SECONDS = 0.5;
	private const SECONDS = 3.0;
	/** The largest honest answer is a hundredth of it. */
	private const MOST_BYTES = 1000000;
	private const DEPTH = 16;
	/** What the service may say of a request without being broken: bad, unknown, not any more, too much. */
	private const REFUSALS = [ 400, 404, 409, 413, 422 ];

	/** @var Settings */
	private $settings;

	/** @var Breaker */
	private $breaker;

	/** @var HttpRequestFactory */
	private $http;

	/** @var UserFactory */
	private $users;

	/** @var LoggerInterface */
	private $logger;

	/**
	 * @param Settings $settings
	 * @param Breaker $breaker
	 * @param HttpRequestFactory $http
	 * @param UserFactory $users
	 * @param LoggerInterface $logger
	 */
	public function __construct(
		Settings $settings, Breaker $breaker, HttpRequestFactory $http, $users, LoggerInterface $logger
	) {
		$this->settings = $settings;
		$this->breaker = $breaker;
		$this->http = $http;
		$this->users = $users;
		$this->logger = $logger;
	}

	/**
	 * Whether the wiki's settings say where the service is, and what it believes.
	 *
	 * @return bool
	 */
	public function isConfigured(): bool {
		return $this->settings->canAsk();
	}

	/**
	 * Whether it makes sense to ask: the settings are there, and the service has not just failed.
	 *
	 * @return bool
	 */
	public function isAvailable(): bool {
		return $this->settings->canAsk() && !$this->breaker->isOpen();
	}

	/**
	 * Whether somebody has sent more in the last minute than people do ($wgRateLimits). Counts this time.
	 *
	 * @param Authority $writer
	 * @param string $name What is sent, such as "links"
	 * @return bool
	 */
	public function isTooMuch( Authority $writer, string $name ): bool {
		return $this->users->newFromAuthority( $writer )->pingLimiter( "compagnon-$name" );
	}

	/**
	 * @param UserIdentity $user Who asks
	 * @param string $name What is asked, such as "box"
	 * @param array $parameters Of the query
	 * @param callable $read Takes the decoded body and returns an array of what is in it, or throws
	 *  ServiceAwayException when it is not what was asked for
	 * @return ServiceReply
	 * @throws ServiceAwayException The service is away, is not to be asked, or answers nonsense
	 */
	public function get( UserIdentity $user, string $name, array $parameters, callable $read ): ServiceReply {
		$query = http_build_query( $parameters, '', '&', PHP_QUERY_RFC3986 );
		return $this->ask( $user, '', 'GET', self::ROOT . $name . ( $query === '' ? '' : "?$query" ), '', $read );
	}

	/**
	 * @param UserIdentity $user Who asks
	 * @param string $name What is asked, such as "links"
	 * @param array $body Sent as JSON
	 * @param callable $read See get()
	 * @return ServiceReply
	 * @throws ServiceAwayException See get()
	 */
	public function post( UserIdentity $user, string $name, array $body, callable $read ): ServiceReply {
		$json = json_encode( $body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR );
		return $this->ask( $user, $user->getName(), 'POST', self::ROOT . $name, $json, $read );
	}

	/**
	 * @param UserIdentity $user
	 * @param string $writer Who is left alone by the service after a failure; empty for everybody
	 * @param string $method
	 * @param string $target
	 * @param string $body
	 * @param callable $read
	 * @return ServiceReply
	 * @throws ServiceAwayException
	 */
	private function ask(
		UserIdentity $user, string $writer, string $method, string $target, string $body, callable $read
	): ServiceReply {
		if ( !$this->isAvailable() || ( $writer !== '' && $this->breaker->isOpen( $writer ) ) ) {
			throw new ServiceAwayException( 'not to be asked' );
		}
		try {
			return $this->send( $user, $method, $target, $body, $read );
		} catch ( ServiceAwayException $e ) {
			// Who cannot be reached has not read this text: that holds for everybody.
			$this->breaker->trip( $e->getCode() === self::UNREACHABLE ? '' : $writer );
			$this->logger->warning( 'Compagnon is left alone for a minute: {reason}', [
				'reason' => $e->getMessage(),
			] );
			throw $e;
		}
	}

	/**
	 * @param UserIdentity $user
	 * @param string $method
	 * @param string $target
	 * @param string $body
	 * @param callable $read
	 * @return ServiceReply
	 * @throws ServiceAwayException
	 */
	private function send(
		UserIdentity $user, string $method, string $target, string $body, callable $read
	): ServiceReply {
		$received = '';
		$headers = [
			'Accept' => 'application/json',
			Claim::HEADER => Claim::sign( (string)$this->settings->secret(), $user, $method, $target, $body ),
		];
		$options = [
			'sink' => $this->sink( $received ),
			'http_errors' => false,
			// The claim is for the service alone: neither a redirect nor a proxy of the environment gets it.
			'allow_redirects' => false,
			'proxy' => '',
			'verify' => true,
			'cookies' => false,
			'decode_content' => false,
			'expect' => false,
		];
		if ( $body !== '' ) {
			$headers['Content-Type'] = 'application/json';
			$options['body'] = $body;
		}
		$client = $this->http->createGuzzleClient( [
			'timeout' => self::SECONDS,
			'connect_timeout' => self::CONNECT_SECONDS,
		] );
		try {
			$response = $client->request( $method, $this->settings->url() . $target, $options + [
				'headers' => $headers,
			] );
		} catch ( GuzzleException $e ) {
			$code = $this->isUnreachable( $e ) ? self::UNREACHABLE : 0;
			throw new ServiceAwayException( $this->reason( $e ), $code, $e );
		}
		$status = $response->getStatusCode();
		// Others are being answered: that says nothing of the next text.
		$busy = $status === 503 && $method === 'POST';
		if ( $status === 204 || $busy || in_array( $status, self::REFUSALS, true ) ) {
			return new ServiceReply( $status );
		}
		if ( $status !== 200 ) {
			throw new ServiceAwayException( "it answers with status $status" );
		}
		$data = json_decode( $received, true, self::DEPTH );
		if ( !is_array( $data ) ) {
			throw new ServiceAwayException( 'its answer is no JSON object' );
		}
		return new ServiceReply( $status, $read( $data ) );
	}

	/**
	 * @param GuzzleException $e
	 * @return bool Whether there was no connection, or it was lost: anything but an answer that takes too long
	 */
	private function isUnreachable( GuzzleException $e ): bool {
		if ( !$e instanceof ConnectException ) {
			return false;
		}
		$known = $e->getHandlerContext();
		return ( $known['errno'] ?? 0 ) !== self::TIMED_OUT || ( $known['connect_time'] ?? 0 ) == 0;
	}

	/**
	 * Why there was no answer, without the address, in which the question stands.
	 *
	 * @param GuzzleException $e
	 * @return string
	 */
	private function reason( GuzzleException $e ): string {
		$known = $e instanceof RequestException || $e instanceof ConnectException;
		$said = $known ? $e->getHandlerContext()['error'] ?? '' : '';
		return is_string( $said ) && $said !== '' ? $said : get_class( $e );
	}

	/**
	 * Where the answer goes. Too much of it is not taken, which ends the transfer.
	 *
	 * @param string &$received
	 * @return FnStream
	 */
	private function sink( string &$received ): FnStream {
		$take = static function ( $piece ) use ( &$received ) {
			if ( strlen( $received ) + strlen( $piece ) > self::MOST_BYTES ) {
				return 0;
			}
			$received .= $piece;
			return strlen( $piece );
		};
		return FnStream::decorate( Utils::streamFor( '' ), [ 'write' => $take ] );
	}
}
